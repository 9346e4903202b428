// Keys that work everywhere on the page. By their place on the keyboard, since Alt makes other letters on some.

const CODES = { ArrowDown: "next", ArrowUp: "previous", KeyC: "claim", KeyT: "transfer", KeyR: "release", KeyX: "end", KeyN: "note", KeyL: "list",
  KeyB: "beside", KeyK: "search", KeyI: "invite", KeyG: "followUps", KeyO: "opening", Digit1: "first", Digit2: "second", Digit3: "third" };

export class Keys {
  /** `commands` has a function for each name of CODES, and keys(), leave(). */
  constructor(commands) {
    this.commands = commands;
  }

  listen(signal) {
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const modal = document.querySelector("dialog[open]");
    const writes = event.target.matches?.("input, textarea, select");
    if (event.key === "?" && !writes) {
      event.preventDefault();
      this.commands.keys();
    } else if (modal) {
      // The dialog has the keyboard.
    } else if (event.key === "Escape") {
      this.commands.leave(event);
    } else if (event.key === "/" && !writes && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.commands.quick();
    } else if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      this.commands.search();
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && CODES[event.code]) {
      event.preventDefault();
      this.commands[CODES[event.code]]();
    }
  }
}
