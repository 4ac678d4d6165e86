package fakecloud

import "net/http"

// entraState is the changing state of the sign-in pages.
type entraState struct{}

func entraScenarios() []ScenarioInfo { return nil }

func (c *Cloud) entraHandler() http.Handler { return http.NotFoundHandler() }

func (c *Cloud) cdnHandler() http.Handler { return http.NotFoundHandler() }
