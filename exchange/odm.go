package exchange

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/study"
)

// ODM writes the trial as one file of CDISC ODM 1.3.2, a snapshot: the tables
// about people as clinical data, the others as reference data. What belongs to a
// visit stands in that visit's study event, all else in a common one.
func ODM(c protocol.Checked, s *study.State, a estimate.Allocation, instruments study.Instruments) (File, error) {
	tables := tablesOf(c, s, a, instruments)
	p := merged(c, s)
	o := odm{
		Xmlns: "http://www.cdisc.org/ns/odm/v1.3", ODMVersion: "1.3.2", FileType: "Snapshot", FileOID: fmt.Sprintf("dvala/%s/%d", c.ID(), s.Entries),
		CreationDateTime: moment(s), AsOfDateTime: moment(s), Originator: p.Sponsor.Name, SourceSystem: "Dvala", SourceSystemVersion: program(s),
	}
	o.Study.OID = "STUDY." + c.ID()
	o.Study.Global = odmGlobal{p.Title, p.Question, c.ID()}
	o.Study.MetaData = metaData(p, tables)
	o.Reference = referenceData(&o, tables)
	o.Clinical = clinicalData(&o, tables)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(o); err != nil {
		return File{}, err
	}
	b.WriteByte('\n')
	return File{c.ID() + ".odm.xml", b.Bytes()}, nil
}

const commonEvent = "SE.common"

func metaData(p protocol.Protocol, tables []*table) odmMetaData {
	m := odmMetaData{OID: "MDV." + p.Version, Name: "Protocol " + p.Version}
	common := odmEventDef{OID: commonEvent, Name: "Not of one visit", Repeating: "No", Type: "Common"}
	m.Protocol.Events = append(m.Protocol.Events, odmEventRef{commonEvent, 1, "No"})
	var visits []odmEventDef
	for i, v := range p.Visits {
		visits = append(visits, odmEventDef{OID: "SE." + v.ID, Name: v.Label.In("en"), Repeating: "No", Type: "Scheduled"})
		m.Protocol.Events = append(m.Protocol.Events, odmEventRef{"SE." + v.ID, i + 2, "No"})
	}
	for _, t := range tables {
		if ofSubjects(t) {
			ref := odmFormRef{"F." + t.name, "No"}
			if hasVisit(t) < 0 {
				common.Forms = append(common.Forms, ref)
			} else {
				for i := range visits {
					visits[i].Forms = append(visits[i].Forms, ref)
				}
			}
			m.Forms = append(m.Forms, odmFormDef{"F." + t.name, tableLabel(t.name), "No", []odmGroupRef{{"IG." + t.name, "No"}}})
		}
		g := odmGroupDef{OID: "IG." + t.name, Name: tableLabel(t.name), Repeating: "Yes"}
		if !ofSubjects(t) {
			g.Reference = "Yes"
		}
		for i, col := range t.columns {
			oid := "IT." + t.name + "." + col.name
			g.Items = append(g.Items, odmItemRef{oid, "No"})
			m.Items = append(m.Items, itemDef(t, i, oid))
			if cl, ok := codeList(t, i); ok {
				m.CodeLists = append(m.CodeLists, cl)
			}
		}
		m.Groups = append(m.Groups, g)
	}
	m.Events = append([]odmEventDef{common}, visits...)
	return m
}

func itemDef(t *table, i int, oid string) odmItemDef {
	col := t.columns[i]
	d := odmItemDef{OID: oid, Name: col.name, DataType: odmType(t, i), Description: &odmDescription{odmText{"en", labelOf(col)}}}
	if d.DataType == "text" || d.DataType == "integer" {
		d.Length = longest(t, i)
	}
	if d.DataType == "float" {
		d.Length, d.Digits = max(longest(t, i), 2), fraction(t, i)
	}
	if cl, ok := codeList(t, i); ok {
		d.CodeList = &odmCodeListRef{cl.OID}
	}
	return d
}

func odmType(t *table, i int) string {
	switch k := typeOf(t, i); k {
	case "double":
		return "float"
	case "string":
		return "text"
	default:
		return k
	}
}

// fraction gives the most digits after the point.
func fraction(t *table, i int) *int {
	n := 0
	for _, row := range t.rows {
		if i < len(row) {
			if _, after, ok := strings.Cut(row[i].text, "."); ok {
				n = max(n, len(after))
			}
		}
	}
	return &n
}

// codeList gives the levels of a column, if every value there is one of them.
func codeList(t *table, i int) (odmCodeList, bool) {
	col := t.columns[i]
	if len(col.levels) == 0 || odmType(t, i) != "text" {
		return odmCodeList{}, false
	}
	cl := odmCodeList{OID: "CL." + t.name + "." + col.name, Name: col.label, DataType: "text"}
	known := map[string]bool{"": true}
	for _, level := range col.levels {
		code, decode, ok := strings.Cut(level, "=")
		if !ok {
			decode = code
		}
		if !known[code] {
			cl.Items = append(cl.Items, odmCodeListItem{code, odmText{"en", decode}})
		}
		known[code] = true
	}
	for _, row := range t.rows {
		if i < len(row) && !known[row[i].text] {
			return odmCodeList{}, false // beside a level it may be said that she is not sure
		}
	}
	return cl, true
}

// hasVisit gives the place of the column that names a visit.
func hasVisit(t *table) int {
	for i, c := range t.columns {
		if c.name == "visit" {
			return i
		}
	}
	return -1
}

func referenceData(o *odm, tables []*table) odmReference {
	r := odmReference{StudyOID: o.Study.OID, MetaDataOID: o.Study.MetaData.OID}
	for _, t := range tables {
		if ofSubjects(t) {
			continue
		}
		for n, row := range t.rows {
			r.Groups = append(r.Groups, groupData(t, row, n+1))
		}
	}
	return r
}

func clinicalData(o *odm, tables []*table) odmClinical {
	out := odmClinical{StudyOID: o.Study.OID, MetaDataOID: o.Study.MetaData.OID}
	at := map[string]int{}
	for _, t := range tables {
		if !ofSubjects(t) {
			continue
		}
		v := hasVisit(t)
		for _, row := range t.rows {
			who := row[0].text
			if _, ok := at[who]; !ok {
				at[who] = len(out.Subjects)
				out.Subjects = append(out.Subjects, odmSubject{Key: who})
			}
			event := commonEvent
			if v >= 0 && v < len(row) && row[v].text != "" {
				event = "SE." + row[v].text
			}
			out.Subjects[at[who]].add(event, t, row)
		}
	}
	return out
}

// add puts a row into the person's event and form, both made when first needed.
func (s *odmSubject) add(event string, t *table, row []cell) {
	e := -1
	for i := range s.Events {
		if s.Events[i].OID == event {
			e = i
		}
	}
	if e < 0 {
		e = len(s.Events)
		s.Events = append(s.Events, odmEvent{OID: event})
	}
	forms := &s.Events[e].Forms
	if n := len(*forms); n == 0 || (*forms)[n-1].OID != "F."+t.name {
		*forms = append(*forms, odmForm{OID: "F." + t.name})
	}
	f := &(*forms)[len(*forms)-1]
	f.Groups = append(f.Groups, groupData(t, row, len(f.Groups)+1))
}

func groupData(t *table, row []cell, n int) odmGroup {
	g := odmGroup{OID: "IG." + t.name, Repeat: fmt.Sprint(n)}
	for i, c := range row {
		if c.text != "" && i < len(t.columns) {
			g.Items = append(g.Items, odmItem{"IT." + t.name + "." + t.columns[i].name, c.text})
		}
	}
	return g
}
