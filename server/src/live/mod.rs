//! The hub and the websocket: who may see which change, serialised once per audience.
//! It deliberately decides nothing about reach itself; it asks the access matrix.
