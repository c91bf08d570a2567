package exchange

import (
	"bytes"
	"encoding/json"
	"strconv"

	"dvala/estimate"
	"dvala/protocol"
	"dvala/study"
)

// dataset is a file of CDISC Dataset-JSON 1.1.
type dataset struct {
	Created     string          `json:"datasetJSONCreationDateTime"`
	Version     string          `json:"datasetJSONVersion"`
	FileOID     string          `json:"fileOID"`
	Modified    string          `json:"dbLastModifiedDateTime"`
	Originator  string          `json:"originator"`
	Source      datasetSource   `json:"sourceSystem"`
	Study       string          `json:"studyOID"`
	MetaData    string          `json:"metaDataVersionOID"`
	ItemGroup   string          `json:"itemGroupOID"`
	IsReference bool            `json:"isReferenceData"`
	Records     int             `json:"records"`
	Name        string          `json:"name"`
	Label       string          `json:"label"`
	Columns     []datasetColumn `json:"columns"`
	Rows        [][]any         `json:"rows"`
}

type datasetSource struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type datasetColumn struct {
	ItemOID  string `json:"itemOID"`
	Name     string `json:"name"`
	Label    string `json:"label"`
	DataType string `json:"dataType"`
	Length   int    `json:"length,omitempty"`
	Key      int    `json:"keySequence,omitempty"`
}

// DatasetJSON writes every table as CDISC Dataset-JSON 1.1, a file each. All
// times in them are those of the ledger, so that the same trial gives the same
// bytes: a file counts as made when the last entry was.
func DatasetJSON(c protocol.Checked, s *study.State, a estimate.Allocation, instruments study.Instruments) ([]File, error) {
	var out []File
	for _, t := range tablesOf(c, s, a, instruments) {
		d := dataset{
			Created: moment(s), Version: "1.1.0", FileOID: "dvala/" + c.ID() + "/" + t.name + "/" + strconv.FormatUint(s.Entries, 10), Modified: moment(s),
			Originator: c.Protocol().Sponsor.Name, Source: datasetSource{"Dvala", program(s)}, Study: "STUDY." + c.ID(),
			MetaData: "MDV." + c.Protocol().Version, ItemGroup: "IG." + t.name, IsReference: !ofSubjects(t), Records: len(t.rows),
			Name: t.name, Label: tableLabel(t.name), Columns: []datasetColumn{}, Rows: [][]any{},
		}
		for i, col := range t.columns {
			dc := datasetColumn{ItemOID: "IT." + t.name + "." + col.name, Name: col.name, Label: labelOf(col), DataType: typeOf(t, i)}
			if dc.DataType == "string" {
				dc.Length = longest(t, i)
			}
			if col.name == subjectColumn.name {
				dc.Key = 1
			}
			d.Columns = append(d.Columns, dc)
		}
		for _, row := range t.rows {
			d.Rows = append(d.Rows, values(t, row, d.Columns))
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(d); err != nil {
			return nil, err
		}
		out = append(out, File{t.name + ".json", b.Bytes()})
	}
	return out, nil
}

// values gives a row as JSON values: nothing for what is absent.
func values(t *table, row []cell, columns []datasetColumn) []any {
	out := make([]any, len(columns))
	for i := range columns {
		if i >= len(row) || row[i].text == "" {
			continue
		}
		switch columns[i].DataType {
		case "integer", "double":
			out[i] = json.Number(row[i].text)
		default:
			out[i] = row[i].text
		}
	}
	return out
}

// typeOf gives a column's type: a number only where every cell is one, so that
// words such as not-sure are kept.
func typeOf(t *table, i int) string {
	c := t.columns[i]
	switch c.kind {
	case "date":
		return "date"
	case "instant":
		return "datetime"
	case "integer", "number":
	default:
		return "string"
	}
	whole := c.kind == "integer"
	for _, row := range t.rows {
		if i >= len(row) || row[i].text == "" {
			continue
		}
		if !row[i].number {
			return "string"
		}
		if _, err := strconv.Atoi(row[i].text); err != nil {
			whole = false
		}
	}
	if whole {
		return "integer"
	}
	return "double"
}

func longest(t *table, i int) int {
	n := 1
	for _, row := range t.rows {
		if i < len(row) {
			n = max(n, len(row[i].text))
		}
	}
	return n
}

// ofSubjects says whether a table is about people.
func ofSubjects(t *table) bool { return len(t.columns) > 0 && t.columns[0].name == subjectColumn.name }

// moment gives the time of the last entry, or else the opening's.
func moment(s *study.State) string {
	at, ok := s.LastAt()
	if !ok {
		at = s.OpenedAt
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}

func program(s *study.State) string {
	if s.Opened == nil {
		return "unknown"
	}
	return s.Opened.Program
}

// tableLabel tells what a table holds.
func tableLabel(name string) string {
	if l, ok := tableLabels[name]; ok {
		return l
	}
	return name
}

var tableLabels = map[string]string{
	"trial": "What the tables are of", "participants": "Everyone screened", "consents": "Consents given", "answers": "Answers at visits, item by item",
	"scores": "Scores of instruments at visits", "diary": "The diary, night by night", "nights": "Nights by device", "doses": "Doses told",
	"kits": "Kits handed out", "events": "Intercurrent events", "adverse": "Adverse events", "deviations": "Deviations from the protocol",
	"corrections": "Corrections", "withdrawals": "Withdrawals", "screening_log": "Who did not come in, and why",
	"queries": "Queries", "medications": "Medicines beside the treatment", "pregnancies": "Pregnancies", "device_incidents": "What went wrong with devices",
	"missed_tasks": "Tasks missed or excused", "items": "Items and scores of the instruments",
}
