package main

import (
	"fmt"
	"go/ast"
	"path"
	"strconv"
	"strings"
)

// smallPackage is the number of lines below which a package counts as small.
const smallPackage = 60

// packageRows returns the figures about packages. Tests count as neither lines nor
// importers, but names that they use count as used.
func packageRows(files []file, released map[string]bool, module string) []row {
	lines := map[string]int{}
	importers := map[string]map[string]bool{}
	used := map[string]bool{}
	selectors := map[string]map[string]bool{} // method name: folders that select it
	exported := map[string]bool{}
	for _, f := range files {
		if f.class != test {
			lines[f.dir] += f.lines
			for _, name := range exportedNames(f.ast) {
				exported[f.dir+"."+name] = true
			}
		}
		recordSelectors(f, selectors)
		for name, dir := range ownImports(f.ast, module) {
			if f.class != test {
				if importers[dir] == nil {
					importers[dir] = map[string]bool{}
				}
				importers[dir][f.dir] = true
			}
			if dir != f.dir {
				markUsed(f.ast, name, dir, used)
			}
		}
	}
	small, single := 0, 0
	for dir := range released {
		if lines[dir] < smallPackage {
			small++
		}
		if len(importers[dir]) == 1 {
			single++
		}
	}
	unused := 0
	for name := range exported {
		dir, member, isMethod := strings.Cut(name, "."+method)
		if isMethod && usedElsewhere(selectors[member], dir) || used[name] {
			continue
		}
		unused++
	}
	return []row{
		{"packages", fmt.Sprint(len(lines))},
		{"released packages", fmt.Sprint(len(released))},
		{fmt.Sprintf("released packages under %d lines", smallPackage), fmt.Sprint(small)},
		{"released packages with one importer", fmt.Sprint(single)},
		{"exported names and methods", fmt.Sprint(len(exported))},
		{"exported names and methods without outside use", fmt.Sprint(unused)},
	}
}

// ownImports returns the folders of this module that a file imports, by the name used in
// the file.
func ownImports(f *ast.File, module string) map[string]string {
	found := map[string]string{}
	for _, spec := range f.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		dir, own := strings.CutPrefix(importPath, module+"/")
		if !own {
			continue
		}
		name := path.Base(dir)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		found[name] = dir
	}
	return found
}

func recordSelectors(f file, selectors map[string]map[string]bool) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			name := selector.Sel.Name
			if selectors[name] == nil {
				selectors[name] = map[string]bool{}
			}
			selectors[name][f.dir] = true
		}
		return true
	})
}

// usedElsewhere reports whether folders contains any other than dir.
func usedElsewhere(folders map[string]bool, dir string) bool {
	return len(folders) > 1 || len(folders) == 1 && !folders[dir]
}

// markUsed records every name of a package that a file selects.
func markUsed(f *ast.File, name, dir string, used map[string]bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := selector.X.(*ast.Ident); ok && id.Name == name {
				used[dir+"."+selector.Sel.Name] = true
			}
		}
		return true
	})
}

// method marks the name of a method. Its receiver is not recorded: without type
// information, any selector of that name in another package counts as a use.
const method = "()."

// exportedNames returns the exported package-level names and methods declared in a file,
// without fields.
func exportedNames(f *ast.File) []string {
	if f.Name.Name == "main" {
		return nil
	}
	var names []string
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	for _, declaration := range f.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			} else if d.Name.IsExported() {
				names = append(names, method+d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						add(id)
					}
				}
			}
		}
	}
	return names
}
