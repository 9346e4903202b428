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

  /** A password of one's own in place of the one that one has; this session goes on. */
  async choosePassword(current, chosen) {
    await this.put("session/password", { current_password: current, new_password: chosen });
    return this.session();
  }

  signOut() {
    return this.#call("DELETE", "session");
  }

  /** Conversations in one state, or those that are "raised": a page, from the place `after` on. */
  list(state, after, tag) {
    return this.get("agent/conversations", { ...(state === "raised" ? { raised: true } : { state }), after, tag, limit: 100 });
  }

  /** Hours, load, and from where a wait is late. */
  service() {
    return this.get("agent/service");
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

  /** `to` is "client" or "colleagues". */
  typing(id, to = "client") {
    return this.post(`agent/conversations/${id}/typing`, { to });
  }

  /** {tags}, the most used first. */
  tags() {
    return this.get("agent/tags");
  }

  setTags(id, tags) {
    return this.#call("PUT", `agent/conversations/${id}/tags`, { tags });
  }

  invite(id, agent) {
    return this.post(`agent/conversations/${id}/guests`, { agent });
  }

  leave(id, agent) {
    return this.#call("DELETE", `agent/conversations/${id}/guests/${encodeURIComponent(agent)}`);
  }

  /** {conversations} of the same client. */
  past(id) {
    return this.get(`agent/conversations/${id}/past`);
  }

  /** {articles} for the agent's own words; for a conversation they can be sent as suggestions. */
  knowledge(q, conversation) {
    return this.get("agent/knowledge", { q, conversation_id: conversation });
  }

  /** {quick_replies}: the agent's own or, with `team`, the team's. */
  quickReplies(team) {
    return this.get(phrasesOf(team));
  }

  addQuickReply(given, team) {
    return this.post(phrasesOf(team), given);
  }

  changeQuickReply(id, given, team) {
    return this.#call("PUT", `${phrasesOf(team)}/${id}`, given);
  }

  removeQuickReply(id, team) {
    return this.#call("DELETE", `${phrasesOf(team)}/${id}`);
  }

  /** Of a path below v1/. */
  address(path) {
    return new URL(path, this.base).href;
  }

  /** Who may be given a conversation. */
  colleagues() {
    return this.get("agent/colleagues");
  }

  client(id) {
    return this.get(`agent/clients/${encodeURIComponent(id)}`);
  }

  /** {follow_ups, counts, next}: what may be worked, in the order in which it is due. */
  followUps({ mine = false, family = "", limit = 100 } = {}) {
    return this.get("agent/follow-ups", { mine: mine || null, family, limit });
  }

  /** {follow_ups, opted_out, opt_out_heard, opt_out_heard_message} of whoever is in the conversation. */
  followUpsOf(conversation) {
    return this.get(`agent/conversations/${conversation}/follow-ups`);
  }

  /** `step` is claim, release, snooze or outcome, with what it takes. */
  followUp(id, step, body) {
    return this.post(`agent/follow-ups/${id}/${step}`, body);
  }

  /** {results}; `step` is claim or outcome. */
  followUpsAll(ids, step, body = {}) {
    return this.post(`agent/follow-ups/${step}`, { ids, ...body });
  }

  /** The client wants no follow-ups. */
  optOut(conversation) {
    return this.post(`agent/conversations/${conversation}/opt-out`);
  }

  /** The client did not mean the no that was heard in the message. */
  undoOptOut(conversation, message) {
    return this.post(`agent/conversations/${conversation}/opt-out/undo`, { message_id: message });
  }

  #keep(session) {
    this.csrf = session.csrf_token;
    return session;
  }

  /** Nothing is asked for what is empty in `query`; what is empty in `exactly` is asked for as that. */
  get(path, query = {}, exactly = {}) {
    const said = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const given = Object.entries({ ...Object.fromEntries(said), ...exactly });
    return this.#call("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path);
  }

  /** `version` is the one that it is said of; 412 where there is another by now. */
  post(path, body = {}, version = null) {
    return this.#call("POST", path, body, { version });
  }

  put(path, body, version = null) {
    return this.#call("PUT", path, body, { version });
  }

  remove(path) {
    return this.#call("DELETE", path);
  }

  /** The response whose body is an event stream. */
  async follow(path, after, signal) {
    const response = await fetch(new URL(path, this.base), {
      signal, cache: "no-store", credentials: "same-origin",
      headers: { "Last-Event-ID": String(after), Accept: "text/event-stream" } });
    if (!response.ok) throw await this.#refused(response);
    return response;
  }

  async #call(method, path, body, { guarded = true, version = null } = {}) {
    const response = await fetch(new URL(path, this.base), {
      method, credentials: "same-origin", cache: "no-store", signal: timeout(TIMEOUT), body: body && JSON.stringify(body),
      headers: { ...(body && { "Content-Type": "application/json" }), ...(version !== null && { "If-Match": `"${version}"` }), ...(method !== "GET" && this.csrf && { "X-CSRF-Token": this.csrf }) } });
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

function phrasesOf(team) {
  return team ? "agent/quick-replies/team" : "agent/quick-replies";
}
