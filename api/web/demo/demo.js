// The page's own few moves; the widget looks after itself.

const menu = document.querySelector(".menu");
const nav = document.getElementById("nav");

function showMenu(open) {
  menu.setAttribute("aria-expanded", String(open));
  nav.classList.toggle("open", open);
}

menu.addEventListener("click", () => showMenu(menu.getAttribute("aria-expanded") !== "true"));
nav.addEventListener("click", () => showMenu(false));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && nav.classList.contains("open")) {
    showMenu(false);
    menu.focus();
  }
});

// The page's own question field hands over to the assistant.
const form = document.querySelector(".ask");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const question = form.question.value.trim();
  await customElements.whenDefined("zhike-chat");
  document.querySelector("zhike-chat")?.ask(question);
  form.reset();
});
