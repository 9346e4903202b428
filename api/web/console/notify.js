// Telling an agent who looks elsewhere: a number in the tab's title, and, where they asked for it, a sound and a
// notification of the desktop. None of them says what a client wrote.

export class Notify {
  constructor(memory) {
    this.memory = memory;
    this.base = document.title;
  }

  get sound() {
    return Boolean(this.memory.get("sound"));
  }

  get desktop() {
    return Boolean(this.memory.get("desktop")) && globalThis.Notification?.permission === "granted";
  }

  /** Sound on or off; on plays it once, which is also what lets the browser play it later. */
  toggleSound() {
    this.memory.set("sound", !this.sound);
    if (this.sound) this.#play();
  }

  /** Whether the browser let it be turned on. */
  async toggleDesktop() {
    if (this.desktop) {
      this.memory.set("desktop", false);
      return true;
    }
    const granted = (await globalThis.Notification?.requestPermission()) === "granted";
    this.memory.set("desktop", granted);
    return granted;
  }

  title(count, product) {
    document.title = `${count ? `(${count}) ` : ""}${product}`;
  }

  /** Something wants this agent; `open` is called when the notification is clicked. */
  tell(text, id, open) {
    if (this.sound) this.#play();
    if (!this.desktop || (!document.hidden && document.hasFocus())) return;
    const shown = new Notification(text, { tag: id, icon: new URL("icon.svg", import.meta.url).href });
    shown.addEventListener("click", () => {
      window.focus();
      open();
      shown.close();
    });
  }

  // Two short notes; no file, so nothing to load.
  #play() {
    const context = this.context ??= new AudioContext();
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
}
