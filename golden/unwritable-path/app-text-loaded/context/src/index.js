const store = require('./store');

store.open().then(() => require('http').createServer().listen(3000));
