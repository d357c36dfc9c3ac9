const port = parseInt(process.env.PORT, 10) || 3000;
require('http').createServer().listen(port);
