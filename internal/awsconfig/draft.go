package awsconfig

// Draft is Load for a profile that need not be in the file yet: what flags say
// wins over what stands there.
func Draft(paths Paths, env Env, name string, flags Flags) (Profile, error) {
	file, err := read(paths.Config)
	if err != nil {
		return Profile{}, err
	}
	if file.HasSection(sectionOf(name)) {
		return Load(paths, env, name, flags)
	}
	r := &resolver{flags: flags, env: env, path: paths.Config, source: map[string]string{}}
	p := r.profile(name)
	return p, r.convert(&p)
}
