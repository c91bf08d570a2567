package exchange

import (
	"fmt"
	"strings"
)

// scriptR gives a script that reads every table into R, with types and labels
// (as attributes, which is where haven, labelled and Hmisc look for them).
func scriptR(tables []*table) []byte {
	var b strings.Builder
	b.WriteString("# Reads the tables beside this script into R, base R alone.\n" +
		"# A leading apostrophe guards a text against spreadsheets; it is taken off here.\n" +
		"unguard <- function(x) sub(\"^'\", \"\", x)\n" +
		"table_of <- function(file, types, labels) {\n" +
		"  d <- read.csv(file, colClasses = \"character\", na.strings = \"\", encoding = \"UTF-8\", check.names = FALSE)\n" +
		"  for (v in names(types)) {\n" +
		"    x <- unguard(d[[v]])\n" +
		"    d[[v]] <- switch(types[[v]], number = as.numeric(x), integer = as.integer(x), date = as.Date(x),\n" +
		"      instant = as.POSIXct(x, format = \"%Y-%m-%dT%H:%M:%SZ\", tz = \"UTC\"), x)\n" +
		"    attr(d[[v]], \"label\") <- labels[[v]]\n" +
		"  }\n  d\n}\n")
	for _, t := range tables {
		var types, labels []string
		for _, c := range t.columns {
			types = append(types, fmt.Sprintf("%s = %s", quoteR(c.name), quoteR(kindR(c.kind))))
			labels = append(labels, fmt.Sprintf("%s = %s", quoteR(c.name), quoteR(labelOf(c))))
		}
		fmt.Fprintf(&b, "\n%s <- table_of(%s,\n  list(%s),\n  list(%s))\n", "`"+t.name+"`", quoteR(t.name+".csv"),
			strings.Join(types, ", "), strings.Join(labels, ", "))
	}
	return []byte(b.String())
}

func kindR(kind string) string {
	switch kind {
	case "number", "integer", "date", "instant":
		return kind
	}
	return "text"
}

// labelOf gives a column's label with its unit.
func labelOf(c column) string {
	if c.unit != "" {
		return c.label + " (" + c.unit + ")"
	}
	return c.label
}

// quoteR writes a text as a literal of R.
func quoteR(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// scriptSAS gives a program that reads every table into SAS. Names longer than
// SAS allows are cut to 32 characters and told apart by a number; the label has
// the whole name.
func scriptSAS(tables []*table) []byte {
	var b strings.Builder
	b.WriteString("/* Reads the tables beside this program into SAS. Set the folder first. */\n%let folder = .;\noptions validvarname = v7;\n")
	for _, t := range tables {
		names := namesSAS(t.columns)
		fmt.Fprintf(&b, "\ndata %s;\n  infile \"&folder/%s.csv\" dsd firstobs = 2 lrecl = 1048576 encoding = 'utf-8' truncover termstr = lf;\n  informat", t.name, t.name)
		for i, c := range t.columns {
			fmt.Fprintf(&b, " %s %s", names[i], informatSAS(c.kind))
		}
		b.WriteString(";\n  format")
		for i, c := range t.columns {
			if f := formatSAS(c.kind); f != "" {
				fmt.Fprintf(&b, " %s %s", names[i], f)
			}
		}
		b.WriteString(";\n  input " + strings.Join(names, " ") + ";\n  label")
		for i, c := range t.columns {
			fmt.Fprintf(&b, "\n    %s = %s", names[i], quoteSAS(c.name+": "+labelOf(c)))
		}
		b.WriteString(";\nrun;\n")
	}
	return []byte(b.String())
}

func informatSAS(kind string) string {
	switch kind {
	case "number", "integer":
		return "best32."
	case "date":
		return "yymmdd10."
	case "instant":
		return "e8601dz20."
	}
	return "$4000."
}

func formatSAS(kind string) string {
	switch kind {
	case "date":
		return "yymmdd10."
	case "instant":
		return "e8601dz20."
	}
	return ""
}

func namesSAS(columns []column) []string {
	out := make([]string, len(columns))
	taken := map[string]bool{}
	for i, c := range columns {
		name := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
				return r
			}
			return '_'
		}, c.name)
		if name == "" || name[0] >= '0' && name[0] <= '9' {
			name = "_" + name
		}
		if len(name) > 32 {
			name = name[:32]
		}
		for n := 2; taken[strings.ToLower(name)]; n++ {
			tail := fmt.Sprintf("_%d", n)
			name = name[:min(len(name), 32-len(tail))] + tail
		}
		taken[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// quoteSAS writes a label as a literal; macro signs are harmless in single
// quotes, and a label has at most 256 bytes.
func quoteSAS(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for len(s) > 250 {
		r := []rune(s)
		s = string(r[:len(r)-1])
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
