// The shop's pages work without this; it counts, adds up and looks again.
import { startAwake } from "./shop/awake.js";
import { startBasket } from "./shop/basket.js";
import { startCountdowns } from "./shop/countdown.js";
import { startDays } from "./shop/days.js";
import { startForms } from "./shop/forms.js";
import { startFreeCount } from "./shop/free-count.js";
import { startGiveBack } from "./shop/giveback.js";
import { startHall } from "./shop/hall/hall.js";
import { startKeep } from "./shop/keep.js";
import { startPlanner } from "./shop/planner.js";

startForms();
startCountdowns();
startDays();
startHall();
startFreeCount();
startBasket();
startGiveBack();
startAwake();
startKeep();
startPlanner();
