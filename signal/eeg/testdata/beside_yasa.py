"""Spindles and slow waves of a made-up night by YASA, with the time that it takes.

    pip install yasa==0.8.1
    python beside_yasa.py FOLDER
    DVALA_EEG=FOLDER go test ./signal/eeg -run XXX -bench BesideYASA

It leaves the night in FOLDER as eeg100.f64 and eeg256.f64: three channels of
eight hours, one after the other, little-endian doubles in microvolts: 1/f noise of
30 µV, and in N3 noise between 0.5 and 1.3 Hz of 45 µV beside it. The hypnogram is
two epochs of N2, two of N3, one of N2 and one of REM, over and over, and N2 and N3
are looked at.
"""

import logging
import sys
import time
import warnings

import numpy as np
import yasa

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
folder = sys.argv[1]
rng = np.random.default_rng(1)
for rate in (100, 256):
    n = 8 * 3600 * rate
    stages = np.repeat(np.tile([2, 2, 3, 3, 2, 4], 160), 30 * rate)
    channels = []
    for _ in range(3):
        spectrum = np.fft.rfft(rng.standard_normal(n))
        k = np.arange(len(spectrum))
        k[0] = 1
        x = np.fft.irfft(spectrum / np.sqrt(k), n)
        x *= 30 / x.std()
        spectrum = np.fft.rfft(rng.standard_normal(n))
        hertz = k / n * rate
        spectrum[(hertz < 0.5) | (hertz > 1.3)] = 0
        slow = np.fft.irfft(spectrum, n)
        channels.append(x + np.where(stages == 3, slow / slow.std() * 45, 0))
    x = np.array(channels)
    x.astype("<f8").tofile(f"{folder}/eeg{rate}.f64")
    for name, find in (("slow waves", yasa.sw_detect), ("spindles", yasa.spindles_detect)):
        for _ in range(3):
            began = time.perf_counter()
            found = find(x, rate, ch_names=["A", "B", "C"], hypno=stages, include=(2, 3), verbose="ERROR")
            took = time.perf_counter() - began
            print(f"{rate} Hz, {name}: {took:.3f} s, {0 if found is None else len(found.summary())} found", flush=True)
