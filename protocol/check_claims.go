package protocol

func (k *checker) outcomes()     {}
func (k *checker) estimands()    {}
func (k *checker) multiplicity() {}
func (k *checker) spiritKeys()   {}
