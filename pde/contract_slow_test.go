//go:build slow

package pde

import "testing"

// The data of every family at its default size satisfy its rows.
func TestContractDefaults(t *testing.T) {
	for _, k := range Table {
		t.Run(k.Name, func(t *testing.T) {
			f, err := k.Make(nil)
			if err != nil {
				t.Fatal(err)
			}
			contractTrue(t, f, 0)
		})
	}
}

// Residuals stay in their units on fine grids.
func TestContractFine(t *testing.T) {
	for _, k := range []Kind{darcyKind, poissonKind, helmholtzKind} {
		f, err := k.Make(Values{"grid": 1024})
		if err != nil {
			t.Fatal(err)
		}
		contractTrue(t, f, 0)
	}
}
