// What the check of an article says, in the words of the page. The server says it in English, with the words that are meant in it.

/** A finding as a sentence; in Chinese where there is one for it. */
export function sentence(finding, words) {
  const fixed = words.findings[finding.code];
  if (fixed) return fixed;
  for (const [pattern, shown] of words.checkSays) {
    const found = pattern.exec(finding.message);
    if (found) return shown(...found.slice(1));
  }
  return finding.message;
}
