const EVERY_MS = 2_500;

/** Two tones, again and again, until the given function is called. Browsers stay silent before the first touch. */
export function startSiren(): () => void {
  let context: AudioContext | undefined;
  const sound = () => {
    try {
      context ??= new AudioContext();
      if (context.state === 'suspended') void context.resume();
      tone(context, 880, 0);
      tone(context, 660, 0.35);
    } catch {
      // No sound device: the banner is there all the same.
    }
  };
  sound();
  const timer = setInterval(sound, EVERY_MS);
  return () => {
    clearInterval(timer);
    void context?.close();
  };
}

function tone(context: AudioContext, hertz: number, afterS: number) {
  const from = context.currentTime + afterS;
  const wave = context.createOscillator();
  const loudness = context.createGain();
  wave.frequency.value = hertz;
  loudness.gain.setValueAtTime(0.0001, from);
  loudness.gain.exponentialRampToValueAtTime(0.25, from + 0.03);
  loudness.gain.exponentialRampToValueAtTime(0.0001, from + 0.3);
  wave.connect(loudness).connect(context.destination);
  wave.start(from);
  wave.stop(from + 0.32);
}
