// What the server tells, as the console keeps it.

/** A conversation of the list. */
export function lineOf(wire) {
  return {
    id: wire.id, state: wire.state, channel: wire.channel, clientId: wire.client.id, name: wire.client.display_name, tier: wire.client.tier,
    tone: wire.tone, waitingSince: wire.waiting_since ? new Date(wire.waiting_since) : null, neededAt: new Date(wire.needed_at),
    unansweredSince: wire.unanswered_since ? new Date(wire.unanswered_since) : null, agent: wire.agent, summary: wire.summary, unread: wire.unread, raised: Boolean(wire.raised_at), forMe: wire.for_me,
    rankedAt: wire.ranked_at ? new Date(wire.ranked_at) : null, adviser: wire.adviser, lastAgent: wire.last_agent, satisfaction: wire.satisfaction,
    satisfactionWords: wire.satisfaction_words, tags: wire.tags, guests: wire.guests, vouched: wire.vouched };
}

/** What an event changes of a line, as it is known. */
export function linePart(data, line) {
  if (data.type === "message.received") {
    const at = new Date(data.at);
    return { neededAt: at, unansweredSince: line?.unansweredSince ?? at, ...(data.message?.text && { words: data.message.text }) };
  }
  if (data.type === "message.sent") return { unansweredSince: null };
  if (data.type === "conversation.raised") return { raised: true, tone: data.tone };
  if (data.type === "conversation.tagged") return { tags: data.tags };
  if (data.type === "satisfaction.given") return { satisfaction: data.satisfaction };
  if (!data.state) return {};
  return { state: data.state, agent: data.state === "agent" ? data.agent ?? null : null,
    waitingSince: data.state === "waiting" ? new Date(data.at) : null, unansweredSince: null, ...(data.state === "waiting" ? {} : { forMe: false }),
    ...(data.state === "closed" ? { raised: false } : {}) };
}

/** A message or a note. */
export function entryOf(wire, me, kind = wire.sender) {
  return {
    id: wire.id, kind, text: wire.text, at: new Date(wire.at), seq: wire.seq ?? null, clientMessageId: wire.client_message_id ?? null,
    mine: wire.author?.name === me, name: wire.author?.display_name ?? null, reply: wire.reply ?? null, helpful: wire.helpful ?? null,
    attachment: wire.attachment ?? null };
}

/** The line that a change of hands leaves in a conversation, or null. */
export function changeOf(data, eventId, words, names) {
  const { lines } = words;
  const by = names.get(data.by) ?? data.by ?? words.colleague;
  const name = data.agent ? data.agent_name ?? names.get(data.agent) ?? data.agent : null;
  const text = {
    "conversation.handed_over": () => lines.handed_over,
    "conversation.claimed": () => lines.claimed(name),
    "conversation.transferred": () => lines.transferred(by, name),
    "conversation.released": () => (data.state === "waiting" ? lines.releasedQueue(by) : lines.releasedAssistant(by)),
    "conversation.closed": () => lines.closed(by),
    "conversation.reopened": () => lines.reopened,
    "conversation.resumed": () => lines.resumed,
    "conversation.raised": () => lines.raised,
    "conversation.identified": () => lines.identified,
    "colleague.invited": () => lines.invited(by, names.get(data.guest) ?? data.guest),
    "colleague.left": () => lines.left(names.get(data.guest) ?? data.guest),
    "satisfaction.given": () => lines.satisfaction(data.satisfaction),
  }[data.type]?.();
  return text ? { key: `event:${eventId}`, text, at: new Date(data.at) } : null;
}
