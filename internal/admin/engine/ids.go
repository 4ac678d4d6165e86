package engine

// The IDs that one side needs of the other. Steps of one side alone need no
// constant.
const (
	// SideAWS and SideEntra begin the IDs of their steps.
	SideAWS   = "aws"
	SideEntra = "entra"

	// StepSignIn is done when the sign-in to the tenant may do all that is to be
	// done. Writes of either side come after it.
	StepSignIn ID = "entra/sign-in"
	// StepMetadata is done when the federation metadata can be read: the
	// application exists and has an active signing certificate.
	StepMetadata ID = "entra/metadata"
	// StepProvisioningJob is done when the tenant can take an import key.
	StepProvisioningJob ID = "entra/provisioning/job"
)

// AccountStep is the step that proves that we are in an account.
func AccountStep(account string) ID { return awsID(account, "account") }

// ProviderStep is the SAML provider of an account.
func ProviderStep(account string) ID { return awsID(account, "provider") }

// RoleStep is a role of an account.
func RoleStep(account, role string) ID { return awsID(account, "role/"+role) }

// ImportUserStep is the user by which the tenant lists an account's roles.
func ImportUserStep(account string) ID { return awsID(account, "import-user") }

// ImportKeyStep is that user's access key, handed to World.Keys. What starts
// the import comes after it.
func ImportKeyStep(account string) ID { return awsID(account, "import-key") }

func awsID(account, rest string) ID { return ID(SideAWS + "/" + account + "/" + rest) }
