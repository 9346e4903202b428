// A file in a message: a picture as a picture, anything else as its name; and how a file gets from the page into one.

import { h, icon } from "./dom.js";

const PICTURES = "image/png,image/jpeg,image/webp,image/gif";
/** What may be chosen; what is in a file, the server sees. */
export const ACCEPTED = `${PICTURES},.pdf,.docx,.xlsx,.txt`;
const HEIGHT = 180;
const WIDTH = 220;

/** A file of a message; `source(attachment)` resolves to {href, src}: where it is saved from, and a picture shown. */
export function fileView(attachment, words, source) {
  const picture = PICTURES.split(",").includes(attachment.media_type);
  const name = h("span", { class: "file-name" }, attachment.name);
  const element = h("a", { class: "file", download: attachment.name, role: "button", tabindex: "0", title: words.saveFile(attachment.name),
    on: { click: (event) => !element.href && save(event), keydown: (event) => ["Enter", " "].includes(event.key) && !element.href && save(event) } },
  icon("file"), name, h("span", { class: "file-size" }, size(attachment.size)));

  async function save(event) {
    event.preventDefault();
    try {
      element.href = (await source(attachment)).href;
      element.click();
    } catch {
      name.textContent = words.fileFailed;
    }
  }

  if (picture) showPicture(element, attachment, words, source);
  return element;
}

// The room is taken before the picture is there, so nothing jumps.
function showPicture(element, attachment, words, source) {
  const { width, height } = attachment;
  const scale = Math.min(1, WIDTH / (width || WIDTH), HEIGHT / (height || HEIGHT));
  const image = h("img", { alt: attachment.name, width: Math.max(40, Math.round(width * scale)), height: Math.max(40, Math.round(height * scale)) });
  const row = Array.from(element.childNodes);
  element.classList.add("picture");
  element.replaceChildren(image);
  // Where the page's own policy shows no such picture, its name stands there.
  const fail = () => {
    element.classList.remove("picture");
    element.replaceChildren(...row);
  };
  image.addEventListener("error", fail);
  source(attachment).then(({ href, src }) => {
    element.href = href;
    element.target = "_blank";
    element.removeAttribute("download");
    image.src = src;
  }, fail);
}

/** A file on its way, with how much of it is there. */
function sendingView(file) {
  const bar = h("progress", { max: "1", value: "0", "aria-label": file.name });
  const element = h("div", { class: "file" }, icon("file"), h("span", { class: "file-name" }, file.name), h("span", { class: "file-size" }, size(file.size)), bar);
  return { element, progress: (share) => { bar.value = share; bar.hidden = share >= 1; } };
}

/** Shows in `place` a file on its way, and then what the server has of it; gives what takes each state of its message. */
export function fileSlot(place, words, source) {
  let sending = null;
  let kept = null;
  return ({ file, attachment, share, status }) => {
    if (attachment && attachment.id !== kept) {
      kept = attachment.id;
      place.replaceChildren(fileView(attachment, words, source));
    } else if (file && !attachment) {
      if (!sending) {
        sending = sendingView(file);
        place.replaceChildren(sending.element);
      }
      sending.progress(status === "failed" ? 1 : share ?? 0);
    }
  };
}

/** A button to choose files; `take(file)` gets each. */
export function fileButton(words, take) {
  const input = h("input", { type: "file", multiple: true, hidden: true, accept: ACCEPTED, tabindex: "-1", "aria-hidden": "true",
    on: { change: () => { Array.from(input.files).forEach(take); input.value = ""; } } });
  return h("span", { class: "attach-of" }, input, h("button", { type: "button", class: "bare attach", "aria-label": words.attach, title: words.attach,
    on: { click: () => input.click() } }, icon("clip")));
}

/** Files that are dropped on the element or pasted into it. */
export function listenForFiles(element, take) {
  const files = (transfer) => Array.from(transfer?.files ?? []);
  const has = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");
  element.addEventListener("paste", (event) => {
    if (!files(event.clipboardData).length) return;
    event.preventDefault();
    files(event.clipboardData).forEach(take);
  });
  element.addEventListener("dragover", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    element.classList.add("dropping");
  });
  element.addEventListener("dragleave", (event) => { if (!element.contains(event.relatedTarget)) element.classList.remove("dropping"); });
  element.addEventListener("drop", (event) => {
    element.classList.remove("dropping");
    if (!has(event)) return;
    event.preventDefault();
    files(event.dataTransfer).forEach(take);
  });
}

/** "12 KB" */
export function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Send a form with a file; `progress(share)` hears how it goes. Resolves to {status, body, retryAfter}; a TypeError is a lost connection. */
export function upload(url, headers, form, progress) {
  return new Promise((resolve, reject) => {
    // fetch tells nothing of how much has gone up.
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    request.addEventListener("load", () => resolve({ status: request.status, body: request.response ?? {},
      retryAfter: Number.parseInt(request.getResponseHeader("Retry-After") ?? "", 10) || null }));
    for (const event of ["error", "abort", "timeout"]) request.addEventListener(event, () => reject(new TypeError(event)));
    request.send(form);
  });
}
