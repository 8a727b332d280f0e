/** A line of CHANGELOG.md for each change note, as changesets has it, without the commit: users have no use for it. */
const { default: lines } = require('@changesets/cli/changelog');

module.exports = { ...lines, getReleaseLine: ({ commit: _, ...note }, type) => lines.getReleaseLine(note, type) };
