// The server of bench/accept in node. Its API has nodelay, keepalive and the idle time; it has no interval, no count, no
// user-timeout and no buffers, and gives no descriptor to set them on. server.js PORT serve|hold
'use strict';
const net = require('net');
const [port, how] = process.argv.slice(2);
const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30000, pauseOnConnect: true };

net.createServer(options, (connection) => {
	connection.on('error', () => {});
	connection.write('x');
	if (how !== 'hold')
		connection.destroy();
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
