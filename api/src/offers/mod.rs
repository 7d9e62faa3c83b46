//! Offers 服务项目, packages 便民服务套餐 and slots 可约时段: what can be booked, where and when.

pub mod scope;
