//! Alarms: raised at a door, climbing until somebody comes.

mod story;
