// The sound of something new: two short notes; no file, so nothing to load.

let context = null;

export function chime() {
  context ??= new AudioContext();
  [[660, 0], [880, 0.12]].forEach(([frequency, begins]) => {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + begins;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.18);
  });
}
