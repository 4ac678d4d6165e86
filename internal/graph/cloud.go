package graph

// Cloud is one of Microsoft's separate clouds, as an admin meets it.
type Cloud struct {
	Name  string
	Login string // authority of sign-ins, and host of federation metadata
	Graph string // address of Microsoft Graph, without version
	// Portal is where enterprise applications are shown to an admin.
	Portal string
	// MyApps is where the people of the tenant find their tiles.
	MyApps string
	// CLI is what the Azure CLI calls it.
	CLI string
}

// clouds by name.
// Source: learn.microsoft.com/graph/deployments
var clouds = []Cloud{
	{
		"global", "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://entra.microsoft.com",
		"https://myapps.microsoft.com", "AzureCloud",
	},
	{
		"usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://entra.microsoft.us",
		"https://myapps.microsoft.us", "AzureUSGovernment",
	},
	{
		"usgov-dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us",
		"https://entra.microsoft.us", "https://myapps.microsoft.us", "AzureUSGovernment",
	},
	{
		"china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn",
		"https://entra.microsoftonline.cn", "https://myapps.windowsazure.cn", "AzureChinaCloud",
	},
}

// CloudByName returns the cloud called name; the empty name is the global one.
func CloudByName(name string) (Cloud, bool) {
	if name == "" {
		name = "global"
	}
	for _, c := range clouds {
		if c.Name == name {
			return c, true
		}
	}
	return Cloud{}, false
}
