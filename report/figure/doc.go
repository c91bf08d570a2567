// Package figure draws the pictures of a report as SVG: forest plots, the
// CONSORT flow, means with intervals over days, the stages of an average night,
// a night's hypnogram with its cycles and its spectrogram, a person's nights under
// each other, and differences of a device from a reference; and says the same in
// tables. Hypnogram, cycles, nights and differences have a form for the terminal.
//
// A picture is a pure function of its numbers: the same input gives the same
// bytes, coordinates have at most two decimals, and no order comes from a map.
// Each picture carries a <title> that says what is shown and a <desc> that
// tells its content in a sentence. All text from outside is escaped by the
// Canvas, which is the only thing that writes markup.
//
// Colours are not written into the pictures. Shapes carry classes, and Style
// gives the rules for them on light and dark ground and in print; a page
// includes Style once, a picture that stands alone takes it with it (see
// Canvas.File).
package figure
