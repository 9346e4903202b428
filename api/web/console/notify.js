// Telling an agent who looks elsewhere: a number in the tab's title, and, where they asked for it, a sound and a
// notification of the desktop. None of them says what a client wrote.

import { chime } from "../widget/chime.js";

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
    if (this.sound) chime();
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
    if (this.sound) chime();
    if (!this.desktop || (!document.hidden && document.hasFocus())) return;
    const shown = new Notification(text, { tag: id, icon: new URL("icon.svg", import.meta.url).href });
    shown.addEventListener("click", () => {
      window.focus();
      open();
      shown.close();
    });
  }
}
