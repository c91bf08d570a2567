package exchange

import "encoding/xml"

// The elements of ODM 1.3.2 that are written, in the order in which its schema
// wants them.
type odm struct {
	XMLName             xml.Name `xml:"ODM"`
	Xmlns               string   `xml:"xmlns,attr"`
	ODMVersion          string   `xml:"ODMVersion,attr"`
	FileType            string   `xml:"FileType,attr"`
	FileOID             string   `xml:"FileOID,attr"`
	CreationDateTime    string   `xml:"CreationDateTime,attr"`
	AsOfDateTime        string   `xml:"AsOfDateTime,attr"`
	Originator          string   `xml:"Originator,attr,omitempty"`
	SourceSystem        string   `xml:"SourceSystem,attr"`
	SourceSystemVersion string   `xml:"SourceSystemVersion,attr"`
	Study               struct {
		OID      string      `xml:"OID,attr"`
		Global   odmGlobal   `xml:"GlobalVariables"`
		MetaData odmMetaData `xml:"MetaDataVersion"`
	} `xml:"Study"`
	Reference odmReference `xml:"ReferenceData"`
	Clinical  odmClinical  `xml:"ClinicalData"`
}

type odmGlobal struct {
	Name        string `xml:"StudyName"`
	Description string `xml:"StudyDescription"`
	Protocol    string `xml:"ProtocolName"`
}

type odmMetaData struct {
	OID      string `xml:"OID,attr"`
	Name     string `xml:"Name,attr"`
	Protocol struct {
		Events []odmEventRef `xml:"StudyEventRef"`
	} `xml:"Protocol"`
	Events    []odmEventDef `xml:"StudyEventDef"`
	Forms     []odmFormDef  `xml:"FormDef"`
	Groups    []odmGroupDef `xml:"ItemGroupDef"`
	Items     []odmItemDef  `xml:"ItemDef"`
	CodeLists []odmCodeList `xml:"CodeList"`
}

type odmEventRef struct {
	OID       string `xml:"StudyEventOID,attr"`
	Order     int    `xml:"OrderNumber,attr"`
	Mandatory string `xml:"Mandatory,attr"`
}

type odmEventDef struct {
	OID       string       `xml:"OID,attr"`
	Name      string       `xml:"Name,attr"`
	Repeating string       `xml:"Repeating,attr"`
	Type      string       `xml:"Type,attr"`
	Forms     []odmFormRef `xml:"FormRef"`
}

type odmFormRef struct {
	OID       string `xml:"FormOID,attr"`
	Mandatory string `xml:"Mandatory,attr"`
}

type odmFormDef struct {
	OID       string        `xml:"OID,attr"`
	Name      string        `xml:"Name,attr"`
	Repeating string        `xml:"Repeating,attr"`
	Groups    []odmGroupRef `xml:"ItemGroupRef"`
}

type odmGroupRef struct {
	OID       string `xml:"ItemGroupOID,attr"`
	Mandatory string `xml:"Mandatory,attr"`
}

type odmGroupDef struct {
	OID       string       `xml:"OID,attr"`
	Name      string       `xml:"Name,attr"`
	Repeating string       `xml:"Repeating,attr"`
	Reference string       `xml:"IsReferenceData,attr,omitempty"`
	Items     []odmItemRef `xml:"ItemRef"`
}

type odmItemRef struct {
	OID       string `xml:"ItemOID,attr"`
	Mandatory string `xml:"Mandatory,attr"`
}

type odmItemDef struct {
	OID         string          `xml:"OID,attr"`
	Name        string          `xml:"Name,attr"`
	DataType    string          `xml:"DataType,attr"`
	Length      int             `xml:"Length,attr,omitempty"`
	Digits      *int            `xml:"SignificantDigits,attr,omitempty"`
	Description *odmDescription `xml:"Description"`
	CodeList    *odmCodeListRef `xml:"CodeListRef"`
}

type odmDescription struct {
	Text odmText `xml:"TranslatedText"`
}

type odmText struct {
	Lang string `xml:"xml:lang,attr"`
	Text string `xml:",chardata"`
}

type odmCodeListRef struct {
	OID string `xml:"CodeListOID,attr"`
}

type odmCodeList struct {
	OID      string            `xml:"OID,attr"`
	Name     string            `xml:"Name,attr"`
	DataType string            `xml:"DataType,attr"`
	Items    []odmCodeListItem `xml:"CodeListItem"`
}

type odmCodeListItem struct {
	Code   string  `xml:"CodedValue,attr"`
	Decode odmText `xml:"Decode>TranslatedText"`
}

type odmReference struct {
	StudyOID    string     `xml:"StudyOID,attr"`
	MetaDataOID string     `xml:"MetaDataVersionOID,attr"`
	Groups      []odmGroup `xml:"ItemGroupData"`
}

type odmClinical struct {
	StudyOID    string       `xml:"StudyOID,attr"`
	MetaDataOID string       `xml:"MetaDataVersionOID,attr"`
	Subjects    []odmSubject `xml:"SubjectData"`
}

type odmSubject struct {
	Key    string     `xml:"SubjectKey,attr"`
	Events []odmEvent `xml:"StudyEventData"`
}

type odmEvent struct {
	OID   string    `xml:"StudyEventOID,attr"`
	Forms []odmForm `xml:"FormData"`
}

type odmForm struct {
	OID    string     `xml:"FormOID,attr"`
	Groups []odmGroup `xml:"ItemGroupData"`
}

type odmGroup struct {
	OID    string    `xml:"ItemGroupOID,attr"`
	Repeat string    `xml:"ItemGroupRepeatKey,attr"`
	Items  []odmItem `xml:"ItemData"`
}

type odmItem struct {
	OID   string `xml:"ItemOID,attr"`
	Value string `xml:"Value,attr"`
}
