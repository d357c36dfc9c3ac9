import { transport80 } from "./transport.js";
const mail = { host: "mail", port: 587 };
const cache = { port: 6379 };
require("http").createServer().listen(process.env.PORT || 8080, "0.0.0.0");
