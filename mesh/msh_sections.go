package mesh

// readEntities takes the physical tags of the parts of the geometry of version 4.1.
func (f *mshFile) readEntities() {
	var n [4]int64
	for dim := range n {
		n[dim] = f.size()
	}
	for dim, count := range n {
		for i := int64(0); i < count && f.ok(); i++ {
			entity := f.integer()
			numbers := 6 // the box around it
			if dim == 0 {
				numbers = 3
			}
			for range numbers {
				f.real()
			}
			var physical []int32
			tags := f.size()
			for k := int64(0); k < tags && f.ok(); k++ {
				if tag := mshTag(f.integer()); tag != 0 {
					physical = append(physical, tag)
				}
			}
			if dim > 0 {
				sides := f.size()
				for k := int64(0); k < sides && f.ok(); k++ {
					f.integer()
				}
			}
			f.entities[[2]int{dim, entity}] = physical
		}
	}
}

// mshTag drops the sign, by which Gmsh turns the orientation of a part.
func mshTag(t int) int32 {
	if t < 0 {
		return int32(-t)
	}
	return int32(t)
}

func (f *mshFile) nodes41() {
	blocks, total := f.size(), f.size()
	f.size()
	f.size()
	for b := int64(0); b < blocks && f.ok(); b++ {
		dim := f.integer()
		f.integer() // entity
		parametric, n := f.integer(), f.size()
		if f.ok() && (dim < 0 || dim > 3 || parametric < 0 || parametric > 1) {
			f.fail("block %d of nodes is of dimension %d, parametric %d: 0 to 3, and 0 or 1", b+1, dim, parametric)
		}
		for i := int64(0); i < n && f.ok(); i++ {
			f.nodes = append(f.nodes, f.size())
		}
		for i := int64(0); i < n && f.ok(); i++ {
			f.point()
			for range parametric * dim {
				f.real()
			}
		}
	}
	f.total("nodes", int64(len(f.nodes)), total)
}

func (f *mshFile) nodes22() {
	n := f.decimal()
	if f.binary {
		f.rest()
	}
	for i := int64(0); i < n && f.ok(); i++ {
		f.nodes = append(f.nodes, int64(f.integer()))
		f.point()
	}
}

func (f *mshFile) point() {
	for i := range 3 {
		x := f.real()
		if x-x != 0 {
			f.fail("coordinate %c of a node is %v: all are finite", "xyz"[i], x)
		}
		f.xyz = append(f.xyz, x)
	}
}

func (f *mshFile) elements41() {
	blocks, total := f.size(), f.size()
	f.size()
	f.size()
	read := int64(0)
	for b := int64(0); b < blocks && f.ok(); b++ {
		dim, entity := f.integer(), f.integer()
		kind, nodes := f.element(f.integer())
		n := f.size()
		if f.ok() && dim != kind.dim() {
			f.fail("block %d of elements is on an entity of dimension %d and holds cells of shape %s", b+1, dim, kind)
		}
		f.blocks = append(f.blocks, mshBlock{dim: dim, entity: entity})
		for i := int64(0); i < n && f.ok(); i++ {
			f.size() // tag
			f.corners(kind, nodes, f.size)
		}
		read += n
	}
	f.total("elements", read, total)
}

func (f *mshFile) elements22() {
	total := f.decimal()
	if f.binary {
		f.rest()
	}
	node := func() int64 { return int64(f.integer()) }
	var kind mshKind
	nodes, tags, follow := 0, 0, 0
	for i := int64(0); i < total && f.ok(); i++ {
		number := 0
		if f.binary {
			if follow == 0 {
				kind, nodes = f.element(f.integer())
				follow, tags = f.integer(), f.integer()
				if f.ok() && follow < 1 {
					f.fail("a block of %d elements: there is one at least", follow)
				}
			}
			follow--
			number = f.integer()
		} else {
			number = f.integer()
			kind, nodes = f.element(f.integer())
			tags = f.integer()
		}
		if f.ok() && tags < 0 {
			f.fail("element %d has %d tags", number, tags)
		}
		physical := int32(0)
		for k := 0; k < tags && f.ok(); k++ {
			if tag := f.integer(); k == 0 {
				physical = mshTag(tag)
			}
		}
		if len(f.blocks) == 0 || f.blocks[len(f.blocks)-1].physical[0] != physical {
			f.blocks = append(f.blocks, mshBlock{physical: []int32{physical}})
		}
		f.corners(kind, nodes, node)
	}
	if follow > 0 && f.ok() {
		f.fail("the last block has %d elements more than the section", follow)
	}
}

// corners reads the nodes of an element of the last block and keeps the first ones.
func (f *mshFile) corners(kind mshKind, nodes int, next func() int64) {
	e, corners := &f.elements[kind], kind.corners()
	for k := range nodes {
		if tag := next(); k < corners {
			e.points = append(e.points, tag)
		}
	}
	e.block = append(e.block, int32(len(f.blocks)-1))
}

func (f *mshFile) total(what string, n, total int64) {
	if f.ok() && n != total {
		f.fail("%d %s were promised, the blocks have %d", total, what, n)
	}
}
