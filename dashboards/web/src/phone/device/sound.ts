let sound: AudioContext | null = null;

/** Browsers let a page make sound only after a press; call it from one. */
export function allowSound(): void {
  sound ??= new AudioContext();
  void sound.resume();
}

function beep(hertz: number, at_s: number, length_s: number): void {
  if (!sound) return;
  const tone = sound.createOscillator();
  const gain = sound.createGain();
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0.25, sound.currentTime + at_s);
  tone.connect(gain).connect(sound.destination);
  tone.start(sound.currentTime + at_s);
  tone.stop(sound.currentTime + at_s + length_s);
}

/** Found: short and high, felt in the hand as well. */
export function chirp(): void {
  beep(1800, 0, 0.09);
  navigator.vibrate?.(60);
}

/** Look at the phone now: three rising tones. */
export function call(): void {
  for (const [i, hertz] of [880, 1100, 1400].entries()) beep(hertz, i * 0.22, 0.18);
  navigator.vibrate?.([200, 80, 200, 80, 400]);
}
