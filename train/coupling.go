package train

func couple(b *batch) {}
