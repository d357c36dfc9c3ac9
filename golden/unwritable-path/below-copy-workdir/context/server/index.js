require('fs').appendFileSync('../log.txt', 'started');
