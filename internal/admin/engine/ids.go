package engine

// The IDs of steps that other steps or the command line name.
const (
	// SideAWS and SideEntra begin the IDs of their steps.
	SideAWS   = "aws"
	SideEntra = "entra"

	// StepSignIn is done when the sign-in to the tenant has all permissions.
	// Writes of either side depend on it.
	StepSignIn ID = "entra/sign-in"
	// StepMetadata is done when the federation metadata can be read: the
	// application exists and has an active signing certificate.
	StepMetadata ID = "entra/metadata"
	// StepProvisioningJob is done when the tenant can store an import key.
	StepProvisioningJob ID = "entra/provisioning/job"
)

// AccountStep returns the ID of the step that checks an account's credentials.
func AccountStep(account string) ID { return awsID(account, "account") }

// ProviderStep returns the ID of the SAML provider of an account.
func ProviderStep(account string) ID { return awsID(account, "provider") }

// RoleStep returns the ID of a role of an account.
func RoleStep(account, role string) ID { return awsID(account, "role/"+role) }

// ImportUserStep returns the ID of the user with which the tenant lists roles.
func ImportUserStep(account string) ID { return awsID(account, "import-user") }

// ImportKeyStep returns the ID of that user's access key, which World.Keys
// receives. The start of the import depends on it.
func ImportKeyStep(account string) ID { return awsID(account, "import-key") }

func awsID(account, rest string) ID { return ID(SideAWS + "/" + account + "/" + rest) }
