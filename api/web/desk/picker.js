// Articles by what clients would ask, as names to choose from.

const PAUSE = 250;
const OFFERED = 12;

/** A function that resolves to a Map of id → question of what is found for some words; quick typing asks once. */
export function articlesFor(calls) {
  let waiting = null;
  return (words) => new Promise((resolve) => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const { articles } = await calls.get("knowledge/articles", { q: words, state: "published", limit: OFFERED }).catch(() => ({ articles: [] }));
      resolve(new Map(articles.map(({ id, question }) => [id, question])));
    }, PAUSE);
  });
}
