module.exports = process.env.DB_HOST ? require('./server') : require('./file');
