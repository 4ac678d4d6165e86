package main

import "regexp"

// phrase is a wording to avoid.
type phrase struct {
	pattern *regexp.Regexp
	instead string
}

func compile(pattern, instead string) phrase {
	return phrase{regexp.MustCompile(`(?i)\b(?:` + pattern + `)\b`), instead}
}

// phrases lists wordings to replace in output, documents and comments.
var phrases = []phrase{
	compile(`mend(?:s|ed|ing)?`, `"fix"`),
	compile(`an? hole(?: in security)?|holes`, `"vulnerability" or "gap"`),
	compile(`nobody|somebody|anybody|everybody`, `the actor: "the user", "another process"; or "non-interactive"`),
	compile(`a person is needed|wants? you in person|needs a person`, `"interactive sign-in required"`),
	compile(`(?:as|what) (?:it|they) should(?: be)?`, `"up to date" or "matches the spec"`),
	compile(`as the spec says|as the code says`, `"matches the spec", "up to date"`),
	compile(`tak(?:e|es|en|ing) away`, `"delete"`),
	compile(`(?:has|have|had|when it|until they) run out|ran out|runs out`, `"expired"`),
	compile(`fresh`, `"valid", "cached" or "new"`),
	compile(`kept`, `"stored", "saved" or "cached"`),
	compile(`held against`, `"checked against"`),
	compile(`forget|forgets|forgot|forgotten|forgetting`, `"delete", "remove" or "clear"`),
	compile(`taken first|takes? first`, `"preferred"`),
	compile(`works? as (?:it|they) (?:is|are)`, `"works unchanged"`),
	compile(`(?:is|are|was|were) left over`, `"unexpected argument", "remains"`),
	compile(`round in circles`, `"loops"`),
	compile(`nothing fits`, `"no matches"`),
	compile(`the same again`, `"repeat"`),
	compile(`says? that you know|say more`, `"silences this message", "be more specific"`),
	compile(`files of secrets`, `"secret store"`),
	compile(`seeds?(?: of an authenticator(?: app)?)?`, `"TOTP secret"`),
	compile(`the double|the double's|doubles|a double`, `"the emulator", "fakecloud"`),
	compile(`the way to the network`, `"network configuration", "proxy and CA"`),
	compile(`does not object to`, `"accepts"`),
	compile(`read alike`, `"parses with every AWS tool"`),
	compile(`stands? in the way`, `"conflicts"`),
	compile(`(?:does|do|did) not (?:go on|come)`, `"did not advance", "timed out"`),
	compile(`vouch(?:es|ed)?(?: for)?`, `"trust", "certify"`),
	compile(`for ever`, `"indefinitely"`),
	compile(`shall`, `"must"`),
	compile(`no way to sign in`, `"unknown sign-in method"`),
	compile(`it could be`, `"candidates"`),
	compile(`spoilt|unlearn`, `"invalid", "discard"`),
	compile(`again and again`, `"repeatedly"`),
	compile(`besides|beside each other`, `"in addition", "in parallel"`),
	compile(`is told|are told|was told`, `"is reported", "is shown"`),
	compile(`as good as|stands there|stand there`, `what is meant`),
}

// names maps words in identifiers to replacements.
var names = map[string]string{
	"mend": "fix", "nobody": "nonInteractive", "somebody": "user", "kept": "stored", "forget": "delete",
	"forgotten": "deleted", "fresh": "valid, cached", "spoilt": "invalid", "unlearn": "discard",
	"furnish": "apply", "newcomer": "first use", "rehearsal": "dryRun", "blame": "annotate", "rung": "requested",
	"unasked": "not requested", "mind": "watch", "person": "user", "wanted": "resolved, request",
}

// notGodoc matches comments on functions that are not in godoc form, which is "Name
// returns" or "Name reports whether".
var notGodoc = regexp.MustCompile(`^\w+ (?:is|are|tells|says|knows|has|have|can|stands|asks whether|was|were)\b`)
