const fs = require('fs');
// '/etc/old/notes.db' was used before
const place = process.env.NOTES_DB || '/etc/notes/notes.db';

exports.open = async () => fs.promises.open(place, 'a');
