// On every page that shows nothing of anybody.
import {install} from "./installed.js";
import {refuse, unsafe} from "./safe.js";

const why = await unsafe();
if (why && location.pathname !== "/elsewhere" && !document.getElementById("address")) await refuse(why);
else if (!why) await install();
