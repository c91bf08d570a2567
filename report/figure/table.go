package figure

// Table says a picture's numbers in rows. The first column heads its row.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}
