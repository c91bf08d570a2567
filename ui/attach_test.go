package ui

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"dvala/protocol"
	"dvala/study"
)

// send fills in a form that brings a file.
func send(t testing.TB, h http.Handler, path string, fields map[string]string, file, content string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		part := must(w.CreateFormFile(file, `C:\desk\`+file+".dvl"))
		must(part.Write([]byte(content)))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// An emergency from the request to the custodian's part, which is stored as it
// came and changes nothing that the desk shows of what somebody takes.
func TestCustodianSendsHerPart(t *testing.T) {
	m := playground(t)
	m.state.UseFiles(m.Blob)
	facts, err := m.state.Do(study.RequestUnblinding{
		Physician: "Dr Lund", Recipient: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
	}, study.Meta{At: day(12), Actor: "ingrid", Role: study.RoleInvestigator, Subject: "P0002", Reason: "a reaction", Signature: &study.Signature{Name: "Ingrid Ek", Meaning: study.MeansResponsibility, Method: "passkey"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.log.AddEntry(must(study.Encode(facts[0]))); err != nil {
		t.Fatal(err)
	}
	h := handler(t, m)
	cust := as("custodian")
	page := get(t, h, "/emergencies", cust).Body.String()
	if !strings.Contains(page, "Dr Lund") || !strings.Contains(page, "waits for the parts") || strings.Contains(page, `href="/participants/P0002#`) {
		t.Errorf("the custodian sees\n%s", page)
	}
	const form = "/participants/P0002/do/grant-unblinding"
	if w := get(t, h, form, cust); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `enctype="multipart/form-data"`) {
		t.Fatalf("the form: %d", w.Code)
	}
	given := map[string]string{"key": "desk-g", "by": "custodian", "request": "24"}
	given["request"] = strings.Split(strings.SplitAfter(page, "request=")[1], `"`)[0]
	if w := send(t, h, form, given, "", "", cust); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a file: %d", w.Code)
	}
	if w := send(t, h, form, given, "key_file", "ciphertext", cust); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `e-key_file`) {
		t.Errorf("some file that was at hand: %d %s", w.Code, w.Body)
	}
	part := partTo(t, "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")
	w := send(t, h, form, given, "key_file", part, cust)
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/emergencies") {
		t.Fatalf("%d %s\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	u := m.state.People["P0002"].Unblindings[0]
	if len(u.Grants) != 1 || string(m.files[u.Grants[0].Key.SHA256]) != part {
		t.Errorf("granted %+v", u.Grants)
	}
	if page := get(t, h, "/emergencies", cust).Body.String(); !strings.Contains(page, "can be read") {
		t.Error("it cannot be read yet")
	}
}

// A protocol that is not sound, and openings that are none, are refused beside
// the field that brought them, and nothing of either is proposed or published.
func TestFilesAreLookedInto(t *testing.T) {
	m := playground(t)
	h := handler(t, m)
	before := m.log.Size()
	w := send(t, h, "/do/amend-protocol", map[string]string{"key": "desk-a", "summary": "later", "reason": "why not"}, "protocol_file", "id: [", as("investigator"))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="e-protocol_file"`) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	w = send(t, h, "/do/extend-list", map[string]string{"key": "desk-b", "reason": "it runs out"}, "sealed_file", "no list", as("investigator"))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="e-sealed_file"`) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if m.log.Size() != before {
		t.Error("something was written")
	}
	m.state.UseProtocols(func(sum string, _ study.Instruments) (protocol.Checked, bool) {
		c, problems := protocol.Parse(m.files[sum])
		return c, problems.Err() == nil
	})
	src := string(must(os.ReadFile(filepath.Join("..", "study", "testdata", "small.yaml"))))
	next := strings.Replace(src, "\nversion: \"1\"", "\nversion: \"2\"", 1)
	w = send(t, h, "/do/amend-protocol", map[string]string{"key": "desk-c", "summary": "later", "reason": "why not"}, "protocol_file", next, as("investigator"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/proposals?did=amend-protocol" {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if page := get(t, h, "/proposals", as("statistician")).Body.String(); !strings.Contains(page, "2: later") {
		t.Errorf("nothing waits\n%s", page)
	}
}

// partTo is a file that only one physician can open.
func partTo(t *testing.T, recipient string) string {
	t.Helper()
	var b bytes.Buffer
	w := must(age.Encrypt(&b, must(age.ParseX25519Recipient(recipient))))
	must(w.Write([]byte("a slot's key")))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
