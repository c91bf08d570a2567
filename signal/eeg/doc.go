// Package eeg finds in one channel of sleep EEG what a scorer would mark:
// spindles, slow waves, how the two keep time with each other, and stretches
// that are artefact.
//
// Signals are in microvolts. Every detector takes a mask, one value per
// sample, of where it may look; nil is everywhere. Times are seconds from the
// first sample. Nothing found is an empty list and no error.
//
// The methods are YASA's (Vallat & Walker 2021, doi:10.7554/eLife.70092); where
// a number differs from YASA's, doc/methods/spindles.md and slow-waves.md say
// why.
package eeg
