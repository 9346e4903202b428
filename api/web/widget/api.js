// The calls on one conversation. What the server refuses comes as a Problem with its stable code.

import { upload } from "./files.js";

export const TIMEOUT = 20_000;

/** A refusal (RFC 9457); `retryAfter` is in seconds, `body` all that the server said. A lost connection is a TypeError of
 * fetch instead. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail || body.code);
    this.status = status;
    this.code = body.code;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 429 || this.status >= 500 || this.code === "conversation_busy";
  }

  /** Whether the server no longer knows this conversation. */
  get forgotten() {
    return this.status === 401 || this.code === "conversation_not_found";
  }
}

export class Api {
  constructor(base) {
    this.base = new URL("v1/", base);
  }

  open(channel, clientToken) {
    return this.#post("conversations", null, { channel, ...(clientToken && { client_token: clientToken }) });
  }

  send({ id, token }, clientMessageId, text) {
    return this.#post(`conversations/${id}/messages`, token, { client_message_id: clientMessageId, text });
  }

  /** Who the client is, for a conversation that began without. */
  identify({ id, token }, clientToken) {
    return this.#post(`conversations/${id}/identity`, token, { client_token: clientToken });
  }

  /** What was said in the client's earlier conversations, before the message of this id. */
  past({ id, token }, before) {
    return this.#get(`conversations/${id}/history${before ? `?before=${encodeURIComponent(before)}` : ""}`, token).then((response) => response.json());
  }

  /** Send a file; {message, reply}. */
  async attach({ id, token }, clientMessageId, file, progress) {
    const form = new FormData();
    form.append("client_message_id", clientMessageId);
    form.append("file", file, file.name || "file");
    const { status, body, retryAfter } = await upload(new URL(`conversations/${id}/attachments`, this.base), bearer(token), form, progress);
    if (status >= 400) throw new Problem(status, { code: "http_error", ...body }, retryAfter);
    return body;
  }

  /** A file of a message. */
  file({ id, token }, attachmentId) {
    return this.#get(`conversations/${id}/attachments/${attachmentId}`, token).then((response) => response.blob());
  }

  judgeReply({ id, token }, replyId, helpful) {
    return this.#post(`conversations/${id}/feedback`, token, { reply_id: replyId, helpful });
  }

  judgeConversation({ id, token }, satisfaction, words) {
    return this.#post(`conversations/${id}/feedback`, token, { satisfaction, ...(words && { words }) });
  }

  /** Where the client stands while they wait. */
  queue({ id, token }) {
    return this.#get(`conversations/${id}/queue`, token).then((response) => response.json());
  }

  resume({ id, token }) {
    return this.#post(`conversations/${id}/resume`, token, {});
  }

  /** The client is writing; for whoever has the conversation, and kept nowhere. */
  typing({ id, token }) {
    return this.#post(`conversations/${id}/typing`, token, {});
  }

  /** The response whose body is the event stream. */
  async events({ id, token }, after, signal) {
    const headers = { ...bearer(token), "Last-Event-ID": String(after), Accept: "text/event-stream" };
    const response = await fetch(new URL(`conversations/${id}/events`, this.base), {
      headers, signal, cache: "no-store", credentials: "omit" });
    if (!response.ok) throw await problem(response);
    return response;
  }

  async #get(path, token) {
    const response = await fetch(new URL(path, this.base), {
      headers: bearer(token), signal: timeout(TIMEOUT), cache: "no-store", credentials: "omit" });
    if (!response.ok) throw await problem(response);
    return response;
  }

  async #post(path, token, body) {
    const response = await fetch(new URL(path, this.base), {
      method: "POST", credentials: "omit", signal: timeout(TIMEOUT), body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", ...bearer(token) } });
    if (!response.ok) throw await problem(response);
    return response.status === 204 ? null : response.json();
  }
}

function bearer(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** The Problem that a refused response tells. */
export async function problem(response) {
  const body = await response.json().catch(() => ({}));
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Problem(response.status, { code: "http_error", ...body }, Number.isNaN(seconds) ? null : seconds);
}

/** A signal that ends a call after so long, as a lost connection. */
export function timeout(milliseconds) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new TypeError("timeout")), milliseconds);
  return controller.signal;
}
