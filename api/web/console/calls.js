// The calls of staff. The session is a cookie that no script can read; what changes something carries its CSRF token.

import { problem, timeout, TIMEOUT } from "../widget/api.js";

export class Calls {
  /** `ended()` is called when the server no longer knows the session. */
  constructor(base, ended) {
    this.base = new URL("v1/", base);
    this.ended = ended;
    this.csrf = null;
  }

  async signIn(username, password) {
    return this.#keep(await this.#call("POST", "session", { username, password, cookie: true }, { guarded: false }));
  }

  /** Who is signed in already, or null. */
  async session() {
    try {
      return this.#keep(await this.#call("GET", "session", undefined, { guarded: false }));
    } catch (error) {
      if (error.status === 401) return null;
      throw error;
    }
  }

  signOut() {
    return this.#call("DELETE", "session");
  }

  /** Conversations in one state: a page, from the place `after` on. */
  list(state, after) {
    return this.get("agent/conversations", { state, after, order: state === "waiting" ? "oldest" : "newest", limit: 100 });
  }

  look(id) {
    return this.get(`agent/conversations/${id}`);
  }

  claim(id) {
    return this.post(`agent/conversations/${id}/claim`);
  }

  /** `to` is a colleague's account, or "queue". */
  transfer(id, to) {
    return this.post(`agent/conversations/${id}/transfer`, { to });
  }

  /** `to` is "assistant" or "queue". */
  release(id, to) {
    return this.post(`agent/conversations/${id}/release`, { to });
  }

  close(id) {
    return this.post(`agent/conversations/${id}/close`);
  }

  suggestions(id) {
    return this.get(`agent/conversations/${id}/suggestions`);
  }

  /** {message}; the item has id, conversation, text and maybe suggestion and acknowledged. */
  send({ id, conversation, text, suggestion, acknowledged }) {
    return this.post(`agent/conversations/${conversation}/messages`, { client_message_id: id, text,
      ...(suggestion && { suggestion_id: suggestion.id }), ...(acknowledged?.length && { acknowledged }) });
  }

  note({ id, conversation, text }) {
    return this.post(`agent/conversations/${conversation}/notes`, { client_message_id: id, text });
  }

  /** Messages up to this one have been read. */
  read(id, seq) {
    return this.post(`agent/conversations/${id}/read`, { seq });
  }

  typing(id) {
    return this.post(`agent/conversations/${id}/typing`);
  }

  /** Who may be given a conversation. */
  colleagues() {
    return this.get("agent/colleagues");
  }

  client(id) {
    return this.get(`agent/clients/${encodeURIComponent(id)}`);
  }

  #keep(session) {
    this.csrf = session.csrf_token;
    return session;
  }

  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
    return this.#call("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path);
  }

  post(path, body = {}) {
    return this.#call("POST", path, body);
  }

  /** The response whose body is an event stream. */
  async follow(path, after, signal) {
    const response = await fetch(new URL(path, this.base), {
      signal, cache: "no-store", credentials: "same-origin",
      headers: { "Last-Event-ID": String(after), Accept: "text/event-stream" } });
    if (!response.ok) throw await this.#refused(response);
    return response;
  }

  async #call(method, path, body, { guarded = true } = {}) {
    const response = await fetch(new URL(path, this.base), {
      method, credentials: "same-origin", cache: "no-store", signal: timeout(TIMEOUT), body: body && JSON.stringify(body),
      headers: { ...(body && { "Content-Type": "application/json" }), ...(method !== "GET" && this.csrf && { "X-CSRF-Token": this.csrf }) } });
    if (!response.ok) throw guarded ? await this.#refused(response) : await problem(response);
    return response.status === 204 ? null : response.json();
  }

  async #refused(response) {
    const refusal = await problem(response);
    // Another tab may have signed in anew, which gives another cookie and so another token.
    if (refusal.code === "not_signed_in" || refusal.code === "csrf_token_missing") this.ended();
    return refusal;
  }
}
