// Package signal filters what electrodes record and takes spectra of it:
// zero-phase FIR and Butterworth filters, polyphase resampling, Welch and
// multitaper spectra, band powers, spectrograms, peaks.
//
// A signal is a []float64 and a rate in samples per second. Nothing is
// modified that was handed in. What sleep is made of, spindles and slow waves,
// is found in dvala/signal/eeg; heart beats are counted in dvala/signal/heart.
//
// Times are seconds from the first sample, frequencies Hz, power the square of
// the signal's unit (µV²) and densities that per Hz.
package signal
