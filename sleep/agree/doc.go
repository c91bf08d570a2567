// Package agree measures how far two scorings of the same sleep agree: of a
// device with the gold standard, of a program with a person, of several people
// with each other.
//
// Epoch by epoch, two hypnograms give a Matrix, of which accuracy, kappa and
// the rates per stage follow; nights are pooled by adding matrices, and
// intervals come from drawing nights, not epochs, since epochs of one night are
// not independent. Night by night, two values of a measure give differences
// and limits of agreement (BlandAltman). Several scorers give Fleiss' kappa and a
// Consensus.
//
// Scorings are compared in the finest scheme that both of them have: five
// stages, four where one of them has L, two where one has S.
//
// doc/methods/agreement.md has the formulas. After Menghini et al. 2021,
// doi:10.1093/sleep/zsaa170.
package agree
