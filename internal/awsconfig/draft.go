package awsconfig

// Draft returns a profile that may not be in the file yet. Flags override the
// settings in the file.
func Draft(paths Paths, env Env, name string, flags Flags) (Profile, error) {
	file, err := read(paths.Config)
	if err == nil && file.profile(name) != nil {
		var p Profile
		if p, err = loadFrom(file, paths, env, name, flags); err == nil {
			return p, nil
		}
	}
	r := &resolver{flags: flags, env: env, file: file, source: map[string]string{}}
	p := r.profile(name)
	if err != nil {
		return p, err
	}
	if p.STSEndpoint, err = r.endpoint(); err != nil {
		return p, err
	}
	return p, r.convert(&p)
}

// Loaded is a profile, or the reason why it cannot be read.
type Loaded struct {
	Profile Profile
	IsBase  bool // whether another profile names it as its o365aws_base
	Err     error
}

// LoadAll returns all o365aws profiles.
func LoadAll(paths Paths, env Env) ([]Loaded, error) {
	file, err := read(paths.Config)
	if err != nil {
		return nil, err
	}
	bases := map[string]bool{}
	for _, s := range file.sections {
		bases[s.Get("o365aws_base")] = true
	}
	var all []Loaded
	for _, name := range file.ours() {
		p, err := loadFrom(file, paths, env, name, nil)
		p.Name = name
		all = append(all, Loaded{p, bases[name], err})
	}
	return all, nil
}
