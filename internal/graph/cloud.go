package graph

import "github.com/o365aws/o365aws/internal/entra"

// Cloud is one of Microsoft's clouds.
type Cloud struct {
	Name   string
	Login  string // URL of sign-in and federation metadata
	Graph  string // URL of Microsoft Graph, without version
	Portal string // URL of the Entra admin center
	MyApps string // URL of My Apps
	CLI    string // name in the Azure CLI
}

// clouds lists the national clouds of Microsoft Graph.
// Source: learn.microsoft.com/graph/deployments
var clouds = []Cloud{
	{
		"global", login("global"), "https://graph.microsoft.com", "https://entra.microsoft.com",
		"https://myapps.microsoft.com", "AzureCloud",
	},
	{
		"usgov", login("usgov"), "https://graph.microsoft.us", "https://entra.microsoft.us",
		"https://myapps.microsoft.us", "AzureUSGovernment",
	},
	{
		"usgov-dod", login("usgov"), "https://dod-graph.microsoft.us",
		"https://entra.microsoft.us", "https://myapps.microsoft.us", "AzureUSGovernment",
	},
	{
		"china", login("china"), "https://microsoftgraph.chinacloudapi.cn",
		"https://entra.microsoftonline.cn", "https://myapps.windowsazure.cn", "AzureChinaCloud",
	},
}

// login returns the URL where sign-ins of a cloud start.
func login(name string) string {
	cloud, ok := entra.CloudByName(name)
	if !ok {
		panic("no cloud " + name)
	}
	return "https://" + cloud.LoginHost
}

// CloudByName returns the cloud with the given name; "" is the global one.
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
